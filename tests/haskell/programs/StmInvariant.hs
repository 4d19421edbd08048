-- Concurrent transfers between accounts keep the sum, and every reader sees the sum whole.
-- Catches transactions that are not atomic.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Monad

main :: IO ()
main = do
  accounts <- replicateM 5 (newTVarIO (100 :: Int))
  done <- newTVarIO (0 :: Int)
  forM_ [1 .. 4] $ \w -> forkIO $ do
    forM_ [1 .. 200 :: Int] $ \i -> do
      let from = accounts !! ((i * w) `mod` 5)
          to = accounts !! ((i + w) `mod` 5)
          sumIn = i `mod` 7
      atomically $ do
        have <- readTVar from
        when (have >= sumIn) $ do
          modifyTVar' from (subtract sumIn)
          modifyTVar' to (+ sumIn)
      when (i `mod` 10 == 0) yield
    atomically (modifyTVar' done (+ 1))
  seen <- forM [1 .. 20 :: Int] $ \_ -> yield >> atomically (sum <$> mapM readTVar accounts)
  atomically (readTVar done >>= check . (== 4))
  final <- atomically (mapM readTVar accounts)
  print (all (== 500) seen, sum final, all (>= 0) final)
