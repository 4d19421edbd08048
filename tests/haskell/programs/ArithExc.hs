-- Every arithmetic error is a Haskell exception and never a trap of the processor. Catches a
-- division that reaches the hardware (minBound `div` -1 traps on x86).
module Main (main) where

import Control.Exception
import Data.Int
import Data.Ratio

main :: IO ()
main = do
  t (1 `div` (0 :: Int))
  t (1 `mod` (0 :: Int))
  t (fst (quotRem 1 (0 :: Int)))
  t (minBound `div` (-1 :: Int))
  t (minBound `rem` (-1 :: Int))
  t (minBound `quot` (-1 :: Int64))
  t (minBound `div` (-1 :: Int8))
  t (1 `div` (0 :: Integer))
  t (2 ^ (100 :: Int) `mod` (0 :: Integer))
  t (2 ^ (-1 :: Int) :: Int)
  t (numerator (1 % (0 :: Integer)))
  t (toEnum 1114112 :: Char)
  t (fromEnum (2 ^ (80 :: Int) :: Integer))
  t (pred (minBound :: Int))
  t (1 / 0 :: Double)
  where
    t :: Show a => a -> IO ()
    t x = do
      r <- try (evaluate x)
      putStrLn (either (\e -> "exception: " ++ takeWhile (/= '\n') (show (e :: SomeException))) show r)
