-- timeout interrupts a loop that computes and allocates. Catches a ticker that never ticks
-- while Haskell runs.
module Main (main) where

import Control.Exception
import System.Timeout

spin :: Integer -> Integer
spin n = if n < 0 then n else spin (n + 1)
{-# NOINLINE spin #-}

main :: IO ()
main = do
  r <- timeout 50000 (evaluate (spin (2 ^ (70 :: Int))))
  print r
  r2 <- timeout 5000000 (evaluate (sum [1 .. 1000 :: Integer]))
  print r2
  r3 <- timeout (-1) (return "no limit")
  print r3
  r4 <- timeout 0 (return "no time")
  print r4
