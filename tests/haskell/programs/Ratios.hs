-- Rational arithmetic: harmonic numbers, continued fractions, approximation.
module Main (main) where

import Data.Ratio

main :: IO ()
main = do
  print (sum [1 % n | n <- [1 .. 50 :: Integer]])
  print (map (\n -> foldr (\a x -> a + 1 / x) 1 (replicate n 1)) [1 .. 8 :: Int] :: [Rational])
  print (approxRational (3.14159265 :: Double) 0.001, approxRational (0.333 :: Double) 0.01)
  print (truncate (7 % 2 :: Rational) :: Int, round (5 % 2 :: Rational) :: Int, floor (-(1 % 3) :: Rational) :: Int)
  print (fromRational (1 % 3) :: Double, toRational (0.1 :: Float))
  print (recip (-3 % 4 :: Rational), (2 % 3) ^^ (-5 :: Int) :: Rational, compare (1 % 3) (33 % 100 :: Rational))
  print (read "3 % 4" :: Ratio Int)
