-- The monotonic clock in nanoseconds and in seconds: the same clock, never back, and moving.
module Main (main) where

import Control.Monad
import GHC.Clock

main :: IO ()
main = do
  ts <- replicateM 300 getMonotonicTimeNSec
  print (and (zipWith (<=) ts (tail ts)))
  s1 <- getMonotonicTime
  n <- getMonotonicTimeNSec
  s2 <- getMonotonicTime
  let s = fromIntegral n / 1e9 :: Double
  print (s1 <= s + 1e-6 && s <= s2 + 1e-6)
  end <- wait n (0 :: Int)
  print (end > n)
  where
    wait n i = do
      m <- getMonotonicTimeNSec
      if m > n || i > 1000000 then return m else wait n (i + 1)
