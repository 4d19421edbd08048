-- Ten threads each hand one result to their own MVar. Catches a scheduler that loses a
-- thread when it is created or when it is woken.
module Main (main) where

import Control.Concurrent

main :: IO ()
main = do
  boxes <- mapM start [1 .. 10 :: Int]
  results <- mapM takeMVar boxes
  print results
  print (sum results)
  where
    start n = do
      box <- newEmptyMVar
      _ <- forkIO (putMVar box (n * n))
      return box
