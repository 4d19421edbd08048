-- killThread makes its victim run its handlers and finalizers; killing a
-- finished thread does nothing. Catches asynchronous exceptions that are lost.
module Main (main) where

import Control.Concurrent
import Control.Exception

main :: IO ()
main = do
  out <- newChan
  started <- newEmptyMVar
  t <- forkIO $
    (putMVar started () >> threadDelay 60000000)
      `catch` (\e -> writeChan out ("caught " ++ show (e :: AsyncException)) >> throwIO e)
      `finally` writeChan out "finally"
  takeMVar started
  killThread t
  readChan out >>= putStrLn
  readChan out >>= putStrLn
  killThread t
  t2 <- forkIO (return ())
  yield
  killThread t2
  r <- try (myThreadId >>= killThread)
  print (r :: Either AsyncException ())
