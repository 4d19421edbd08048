-- gcd, lcm, extended gcd and modular powers of big Integers. Catches a wrong sign and a GMP
-- function that is missing.
module Main (main) where

import GHC.Num.Integer (integerSqr, integerLog2)

main :: IO ()
main = do
  let a = 2 ^ (200 :: Int) * 3 ^ (50 :: Int) :: Integer
      b = 2 ^ (150 :: Int) * 5 ^ (60 :: Int) :: Integer
  print (gcd a b == 2 ^ (150 :: Int), lcm a b `mod` 1000003, gcd 0 a == a, gcd (-12) 18 :: Integer)
  let (g, x, y) = egcd 240 46
  print (g, x, y, 240 * x + 46 * y)
  print (powMod 3 (10 ^ (40 :: Int)) (10 ^ (30 :: Int) + 57))
  print (powMod 2 (p - 1) p, p `mod` 8)
  print (isqrt (10 ^ (80 :: Int)) == 10 ^ (40 :: Int), isqrt (2 * 10 ^ (60 :: Int)))
  print (integerSqr (-(10 ^ (20 :: Int))), integerLog2 (2 ^ (300 :: Int)))
  where
    p = 2 ^ (127 :: Int) - 1 :: Integer
    egcd :: Integer -> Integer -> (Integer, Integer, Integer)
    egcd m 0 = (m, 1, 0)
    egcd m n = let (q, r) = m `quotRem` n; (d, s, t) = egcd n r in (d, t, s - q * t)

powMod :: Integer -> Integer -> Integer -> Integer
powMod base e m
  | e == 0 = 1
  | even e = half * half `mod` m
  | otherwise = base * powMod base (e - 1) m `mod` m
  where half = powMod base (e `div` 2) m

isqrt :: Integer -> Integer
isqrt n = go n where go x = let y = (x + n `div` x) `div` 2 in if y >= x then x else go y
