-- Threads that wait for one MVar are served first come, first served, even by a thread that
-- takes and puts without a pause. Catches a queue kept in the wrong order.
module Main (main) where

import Control.Concurrent
import Control.Monad

main :: IO ()
main = do
  lock <- newEmptyMVar
  out <- newMVar []
  dones <- forM [1 .. 8 :: Int] $ \n -> do
    done <- newEmptyMVar
    _ <- forkIO $ do
      () <- takeMVar lock
      modifyMVar_ out (return . (n :))
      putMVar done ()
    yield
    return done
  replicateM_ 8 (putMVar lock ())
  mapM_ takeMVar dones
  order <- readMVar out
  print (reverse order)

  -- Two threads take turns through one MVar: neither starves.
  turn <- newMVar (0 :: Int, 0 :: Int)
  fin <- newEmptyMVar
  let player f = forkIO (replicateM_ 100 (modifyMVar_ turn (return . f) >> yield) >> putMVar fin ())
  _ <- player (\(a, b) -> (a + 1, b))
  _ <- player (\(a, b) -> (a, b + 1))
  takeMVar fin >> takeMVar fin
  readMVar turn >>= print
