-- A transaction that retries sleeps until a variable that it read changes. Catches wake-ups
-- lost, or a busy loop that the final count would show.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Monad

main :: IO ()
main = do
  level <- newTVarIO (0 :: Int)
  done <- newEmptyMVar
  forM_ [5, 3, 8, 1] $ \want -> forkIO $ do
    got <- atomically $ do
      l <- readTVar level
      check (l >= want)
      return l
    putMVar done (want, got >= want)
  forM_ [1 .. 8 :: Int] $ \_ -> atomically (modifyTVar' level (+ 1)) >> yield
  rs <- replicateM 4 (takeMVar done)
  print (lookup 1 rs, lookup 3 rs, lookup 5 rs, lookup 8 rs)
  print (length rs)
