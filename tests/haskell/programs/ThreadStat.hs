-- threadStatus, labelThread, thread ids, capabilities, and what forkOn and forkOS say in a
-- non-threaded RTS.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Exception
import GHC.Conc

main :: IO ()
main = do
  print (numCapabilities, rtsSupportsBoundThreads)
  getNumCapabilities >>= print
  m <- newEmptyMVar :: IO (MVar ())
  onMVar <- forkIO (takeMVar m)
  onSTM <- forkIO (atomically (newTVar 'x' >>= readTVar >> retry))
  ended <- forkIO (return ())
  died <- forkIO (throwIO ThreadKilled)
  labelThread onMVar "on the MVar"
  yield >> yield
  mapM threadStatus [onMVar, onSTM, ended, died] >>= print
  me <- myThreadId
  threadStatus me >>= print
  print (me == me, compare onMVar onSTM, take 9 (show me))
  mapM_ killThread [onMVar, onSTM]
  yield >> yield
  threadStatus onMVar >>= print
  threadCapability me >>= print
  done <- newEmptyMVar
  _ <- forkOn 3 (putMVar done "forkOn runs")
  takeMVar done >>= putStrLn
  r <- try (forkOS (return ()))
  putStrLn (either (\e -> takeWhile (/= '(') (show (e :: SomeException))) (const "forked") r)
