-- Integer arithmetic: GMP's multiplication and division on small and large numbers, and digits of pi.
module Main (main) where

-- | Gibbons's unbounded spigot for the digits of pi.
digits :: [Integer]
digits = go (1, 0, 1, 1, 3, 3) where
  go (q, r, t, k, n, l)
    | 4 * q + r - t < n * t = n : go (10 * q, 10 * (r - n * t), t, k, (10 * (3 * q + r)) `div` t - 10 * n, l)
    | otherwise = go (q * k, (2 * q + r) * l, t * l, k + 1, (q * (7 * k + 2) + r * l) `div` (t * l), l + 2)

powMod :: Integer -> Integer -> Integer -> Integer
powMod b e m
  | e == 0 = 1
  | even e = let h = powMod b (e `div` 2) m in h * h `mod` m
  | otherwise = b * powMod b (e - 1) m `mod` m

main :: IO ()
main = do
  putStrLn (concatMap show (take 3300 digits))
  let p = 2 ^ (521 :: Int) - 1
  print (sum [powMod b (p - 1) p | b <- [2 .. 300]])
  print (length (show (product [1 .. 20000 :: Integer])))
