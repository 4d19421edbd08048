-- A transaction that can never go on gets BlockedIndefinitelyOnSTM. Catches a guest that hangs
-- for ever instead.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Exception
import System.Mem

main :: IO ()
main = do
  v <- newTVarIO (1 :: Int)
  r <- try (atomically (readTVar v >>= check . (> 1)))
  print (r :: Either BlockedIndefinitelyOnSTM ())
  out <- newEmptyMVar
  _ <- forkIO $ do
    r2 <- try (atomically retry) :: IO (Either BlockedIndefinitelyOnSTM ())
    putMVar out (show r2)
  yield
  performGC
  takeMVar out >>= putStrLn
