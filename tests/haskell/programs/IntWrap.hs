-- Overflow wraps for every integer type, conversions truncate and extend by sign.
module Main (main) where

import Data.Int
import Data.Word
import Numeric.Natural
import Control.Exception

main :: IO ()
main = do
  print (maxBound + 1 :: Int, minBound - 1 :: Int, maxBound * 2 :: Int, negate minBound :: Int)
  print (200 + 100 :: Word8, 100 + 100 :: Int8, 0 - 1 :: Word64, 40000 * 2 :: Word16, 2 ^ (31 :: Int) :: Int32)
  print (fromIntegral (300 :: Int) :: Word8, fromIntegral (200 :: Word8) :: Int8, fromIntegral (-1 :: Int8) :: Word32, fromIntegral (-1 :: Int32) :: Int64)
  print (toInteger (maxBound :: Word64), fromIntegral (2 ^ (64 :: Int) + 5 :: Integer) :: Word)
  print ((-7) `div` 2 :: Int, (-7) `mod` 2 :: Int, (-7) `quot` 2 :: Int, (-7) `rem` 2 :: Int8, 7 `divMod` (-2) :: (Int, Int))
  print ([minBound ..] :: [Bool], take 3 [250 :: Word8 ..], [250 :: Word8 ..] == [250 .. 255])
  print (fromIntegral (10 :: Int) :: Natural, 2 ^ (80 :: Int) :: Natural)
  r <- try (evaluate (3 - 5 :: Natural))
  print (r :: Either ArithException Natural)
  print (abs minBound :: Int8, signum (-5) :: Int16, gcd 12 18 :: Word8)
