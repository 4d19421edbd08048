-- A token goes round a ring of 200 threads. Catches wake-ups that are lost when every thread
-- but one is blocked.
module Main (main) where

import Control.Concurrent
import Control.Monad

ring, laps :: Int
ring = 200
laps = 25

main :: IO ()
main = do
  first <- newEmptyMVar
  final <- foldM link first [1 .. ring]
  forM_ [1 .. laps] $ \lap -> do
    putMVar first (0 :: Int)
    token <- takeMVar final
    when (lap `mod` 5 == 0) $ putStrLn ("lap " ++ show lap ++ ": " ++ show token)
  where
    link from _ = do
      to <- newEmptyMVar
      _ <- forkIO (replicateM_ laps (takeMVar from >>= putMVar to . (+ 1)))
      return to
