-- A stack limit of 1 MiB (-K1m): the overflow's message is on stderr and the status is 2.
module Main (main) where

main :: IO ()
main = do
  putStrLn "going down"
  print (deep 100000000)

deep :: Integer -> Integer
deep 0 = 0
deep n = 1 + deep (n - 1)
{-# NOINLINE deep #-}
