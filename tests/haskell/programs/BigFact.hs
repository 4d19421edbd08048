-- Factorials and Fibonacci numbers of thousands of digits by GMP. Catches a limb lost in
-- multiplication.
module Main (main) where

main :: IO ()
main = do
  let f = product [1 .. 2000 :: Integer]
      s = show f
  print (length s)
  putStrLn (take 40 s)
  print (sum (map fromEnum s) `mod` 1000)
  print (f `div` product [1 .. 1998] == 2000 * 1999)
  let fib = go (5000 :: Int) 0 1
      go 0 a _ = a
      go n a b = go (n - 1) b (a + b) :: Integer
  print (fib `mod` 1000000007, length (show fib))
  print (product (replicate 64 (2 :: Integer)) == 2 ^ (64 :: Int))
