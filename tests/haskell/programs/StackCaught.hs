-- A program may catch StackOverflow and go on; deep recursion below the limit is fine.
module Main (main) where

import Control.Exception

main :: IO ()
main = do
  r <- try (evaluate (deep 10000000))
  print (r :: Either AsyncException Integer)
  r2 <- try (evaluate (deep 5000))
  print (r2 :: Either AsyncException Integer)

deep :: Integer -> Integer
deep 0 = 0
deep n = 1 + deep (n - 1)
{-# NOINLINE deep #-}
