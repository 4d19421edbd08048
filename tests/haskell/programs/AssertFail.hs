{-# OPTIONS_GHC -fno-ignore-asserts #-}
-- assert throws AssertionFailed with its place when it is compiled in.
module Main (main) where

import Control.Exception

half :: Int -> Int
half n = assert (even n) (n `div` 2)

main :: IO ()
main = do
  print (half 10)
  r <- try (evaluate (half 7))
  either (\(AssertionFailed m) -> putStrLn (head (lines m))) print r
  r2 <- try (throwIO (AssertionFailed "by hand"))
  print (r2 :: Either AssertionFailed ())
