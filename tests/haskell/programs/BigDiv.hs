-- Division of big Integers by big and small ones with every combination of signs. Catches a
-- rounding to the wrong side.
module Main (main) where

main :: IO ()
main = do
  let a = 123456789012345678901234567890 * 10 ^ (20 :: Int) + 7 :: Integer
      b = 98765432109876543210987 :: Integer
  mapM_ print [(f x, g y, op (f x) (g y)) | (_, op) <- ops, (x, y) <- [(a, b)], f <- [id, negate], g <- [id, negate]]
  print (and [q * d + r == n && abs r < abs d | n <- ns, d <- ns, d /= 0, let (q, r) = n `quotRem` d])
  print (and [q * d + r == n && (r == 0 || signum r == signum d) | n <- ns, d <- ns, d /= 0, let (q, r) = n `divMod` d])
  print (a `div` 7, a `mod` 1000, (-a) `mod` 1000, a `rem` (-13))
  where
    ops = [("quotRem", quotRem), ("divMod", divMod)] :: [(String, Integer -> Integer -> (Integer, Integer))]
    ns = [s * (2 ^ k + o) | k <- [0, 31, 62, 63, 64, 65, 127, 128 :: Int], s <- [1, -1], o <- [-1, 0, 1]]
