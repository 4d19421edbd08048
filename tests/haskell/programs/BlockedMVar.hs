-- Threads that nobody can wake get BlockedIndefinitelyOnMVar, one for each. Catches a collector
-- that does not find the unreachable threads, and one that finds too many.
module Main (main) where

import Control.Concurrent
import Control.Exception
import System.Mem

main :: IO ()
main = do
  m <- newEmptyMVar :: IO (MVar ())
  r <- try (takeMVar m)
  print (r :: Either BlockedIndefinitelyOnMVar ())
  out <- newChan
  _ <- forkIO $ do
    dead <- newEmptyMVar
    r2 <- try (takeMVar dead) :: IO (Either BlockedIndefinitelyOnMVar ())
    writeChan out (show r2)
  live <- newEmptyMVar
  _ <- forkIO (takeMVar live >>= writeChan out)
  yield
  performGC
  readChan out >>= putStrLn
  putMVar live "the live one was left alone"
  readChan out >>= putStrLn
