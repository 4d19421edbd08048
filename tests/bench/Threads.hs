-- Concurrency: tokens round a ring of threads through MVars, workers behind a channel, and transactions.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Monad

ring :: Int -> Int -> IO Int
ring size laps = do
  first <- newEmptyMVar
  final <- foldM (\l _ -> do { r <- newEmptyMVar; _ <- forkIO (replicateM_ laps (takeMVar l >>= \t -> putMVar r $! t + 1)); return r }) first [1 .. size]
  foldM (\t _ -> putMVar first t >> takeMVar final) 0 [1 .. laps]

workers :: Int -> Int -> IO Int
workers n jobs = do
  queue <- newChan
  results <- newChan
  forM_ [1 .. n] $ \_ -> forkIO (forever (readChan queue >>= \j -> writeChan results $! j * j `mod` 7))
  _ <- forkIO (mapM_ (writeChan queue) [1 .. jobs])
  foldM (\acc _ -> (\r -> let s = acc + r in s `seq` s) <$> readChan results) 0 [1 .. jobs]

transactions :: Int -> Int -> IO Int
transactions n each = do
  total <- newTVarIO 0
  left <- newTVarIO n
  forM_ [1 .. n] $ \k -> forkIO $ do
    forM_ [1 .. each] $ \i -> atomically (modifyTVar' total (+ k)) >> when (i `mod` 10 == 0) yield
    atomically (modifyTVar' left (subtract 1))
  atomically (readTVar left >>= check . (== 0))
  readTVarIO total

main :: IO ()
main = do
  ring 1000 2000 >>= print
  workers 50 400000 >>= print
  transactions 20 30000 >>= print
