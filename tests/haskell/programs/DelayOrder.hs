-- Sleepers wake in the order of their times, not of their creation. Catches a sleeping queue
-- that is not sorted.
module Main (main) where

import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  out <- newChan
  forM_ [5, 1, 4, 2, 3 :: Int] $ \n -> forkIO $ do
    threadDelay (n * 40000)
    writeChan out n
  replicateM 5 (readChan out) >>= print
  threadDelay 0
  threadDelay (-5)
  putStrLn "no delay is no wait"
