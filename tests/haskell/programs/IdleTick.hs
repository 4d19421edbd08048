-- Threads with different periods run side by side while the main thread waits; each ticks,
-- and the program ends. Catches an idle guest that oversleeps.
module Main (main) where

import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  counts <- forM [5, 10, 20] $ \ms -> do
    c <- newMVar (0 :: Int)
    t <- forkIO (forever (threadDelay (ms * 1000) >> modifyMVar_ c (return . (+ 1))))
    return (ms, c, t)
  threadDelay 300000
  forM_ counts $ \(ms, c, t) -> do
    killThread t
    n <- readMVar c
    putStrLn ("every " ++ show ms ++ " ms: " ++ if n >= 2 then "ok" else show n)
