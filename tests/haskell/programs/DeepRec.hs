-- Recursion to a depth of 200,000: the stack grows in chunks to several MiB and shrinks again,
-- three times, also in a forked thread.
module Main (main) where

import Control.Concurrent
import Control.Monad

deep :: Int -> Integer
deep 0 = 0
deep n = toInteger n + deep (n - 1)
{-# NOINLINE deep #-}

main :: IO ()
main = do
  forM_ [1, 2, 3] $ \k -> print (deep (100000 + k))
  done <- newEmptyMVar
  _ <- forkIO (putMVar done $! deep 200000)
  takeMVar done >>= print
  print (foldr (\x k acc -> k (acc + x)) id [1 .. 50000 :: Integer] 0)
  xs <- mapM return [1 .. 100000 :: Int]
  print (sum xs)
