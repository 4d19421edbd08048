{-# LANGUAGE BangPatterns #-}
-- Threads that allocate are pre-empted: a thread gets its turn although another computes
-- without end. Catches a missing tick.
module Main (main) where

import Control.Concurrent
import Control.Exception
import Data.IORef

main :: IO ()
main = do
  stop <- newIORef False
  loops <- newIORef (0 :: Integer)
  ended <- newEmptyMVar
  _ <- forkIO $ do
    let go !n = do
          s <- readIORef stop
          if s then writeIORef loops n else go (n + 2 ^ (65 :: Int))
    go 1 `finally` putMVar ended ()
  _ <- forkIO (writeIORef stop True)
  takeMVar ended
  n <- readIORef loops
  putStrLn ("stopped by the other thread: " ++ show (n > 0))
