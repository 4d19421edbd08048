-- Show and Read of Integers around the borders of machine words, bits, shifts, conversions.
module Main (main) where

import Data.Bits
import Numeric

main :: IO ()
main = do
  mapM_ print borders
  print (all (\n -> read (show n) == n) (borders ++ map (* 10 ^ (50 :: Int)) borders))
  print (map fromInteger borders :: [Int])
  putStrLn (showHex (2 ^ (100 :: Int) - 1 :: Integer) "" ++ " " ++ showOct (8 ^ (30 :: Int) :: Integer) "")
  print (fst (head (readHex "ffffffffffffffffffff" :: [(Integer, String)])))
  print (shiftL 1 200 `shiftR` 190 :: Integer, shiftR (-5) 1 :: Integer, popCount (2 ^ (90 :: Int) - 1 :: Integer))
  print ((2 ^ (70 :: Int) + 5) .&. 7 :: Integer, (-1) .&. (2 ^ (65 :: Int)) :: Integer, complement (2 ^ (64 :: Int)) :: Integer, xor (-3) (2 ^ (66 :: Int)) :: Integer)
  print (testBit (2 ^ (77 :: Int) :: Integer) 77, fromIntegral (2 ^ (53 :: Int) + 1 :: Integer) :: Double)
  print (truncate (1e30 :: Double) :: Integer, round (-2.5 :: Double) :: Integer, fromInteger (10 ^ (400 :: Int)) :: Double)
  where borders = [s * (2 ^ k + o) | k <- [31, 32, 63, 64 :: Int], s <- [1, -1], o <- [-1, 0, 1]] :: [Integer]
