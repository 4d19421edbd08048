-- Pseudo-random generators on machine words: a linear congruential one, xorshift64* and a
-- Mersenne-like mix; a shuffle and an estimate of pi by them.
module Main (main) where

import Data.Bits
import Data.List
import qualified Data.Map as M
import Data.Word

lcg :: Word32 -> Word32
lcg x = 1664525 * x + 1013904223

xorshift :: Word64 -> Word64
xorshift x0 = x3 where
  x1 = x0 `xor` (x0 `shiftR` 12)
  x2 = x1 `xor` (x1 `shiftL` 25)
  x3 = x2 `xor` (x2 `shiftR` 27)

main :: IO ()
main = do
  print (take 6 (iterate lcg 1), iterate lcg 7 !! 10000)
  print (map (* 2685821657736338717) (take 4 (iterate xorshift 88172645463325252)))
  let us = map ((/ 4294967296) . fromIntegral) (iterate lcg 42) :: [Double]
      pairs (a : b : r) = (a, b) : pairs r
      pairs _ = []
  print (4 * length (filter (\(a, b) -> a * a + b * b < 1) (take 5000 (pairs us))))
  print (map fst (sortOn snd (zip [1 .. 20 :: Int] us)))
  print (M.toList (M.fromListWith (+) [(floor (u * 10) :: Int, 1 :: Int) | u <- take 2000 us]))
