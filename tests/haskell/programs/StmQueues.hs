-- TMVar, TChan, TQueue and the bounded TBQueue of package stm. Catches a bounded queue that
-- does not block its writer.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Monad

main :: IO ()
main = do
  q <- newTBQueueIO 4
  written <- newTVarIO (0 :: Int)
  _ <- forkIO $ forM_ [1 .. 10 :: Int] $ \i -> atomically (writeTBQueue q i >> writeTVar written i)
  atomically (readTVar written >>= check . (== 4))
  full <- atomically (isFullTBQueue q)
  print full
  replicateM 10 (atomically (readTBQueue q)) >>= print
  c <- newBroadcastTChanIO
  r1 <- atomically (dupTChan c)
  r2 <- atomically (dupTChan c)
  atomically (mapM_ (writeTChan c) "xyz")
  replicateM 3 (atomically (readTChan r1)) >>= putStrLn
  replicateM 2 (atomically (readTChan r2)) >>= putStrLn
  t <- newTQueueIO
  atomically (mapM_ (writeTQueue t) [3, 2, 1 :: Int])
  atomically (flushTQueue t) >>= print
  m <- newEmptyTMVarIO
  _ <- forkIO (atomically (putTMVar m "tmvar"))
  atomically (takeTMVar m) >>= putStrLn
  atomically (tryTakeTMVar m) >>= print
