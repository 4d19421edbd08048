-- Allocation in an inner loop: merge sort, n queens and a word count; the nursery is collected
-- many times. Catches a collector that loses a root.
module Main (main) where

import Data.List
import qualified Data.Map.Strict as M

queens :: Int -> Int
queens n = length (go n) where
  go 0 = [[]]
  go k = [q : qs | qs <- go (k - 1), q <- [1 .. n], safe q qs]
  safe q qs = and [q /= c && abs (q - c) /= d | (d, c) <- zip [1 ..] qs]

msort :: Ord a => [a] -> [a]
msort [] = []
msort [x] = [x]
msort xs = merge (msort a) (msort b) where
  (a, b) = splitAt (length xs `div` 2) xs
  merge l@(y : ys) r@(z : zs) | y <= z = y : merge ys r
                              | otherwise = z : merge l zs
  merge l r = l ++ r

main :: IO ()
main = do
  print (queens 7)
  let xs = take 5000 (iterate (\x -> (x * 16807) `mod` 2147483647) 7) :: [Int]
  print (msort xs == sort xs, take 3 (msort xs))
  let ws = map (\x -> "word" ++ show (x `mod` 97)) xs
  print (take 5 (sortOn (negate . snd) (M.toList (M.fromListWith (+) [(w, 1 :: Int) | w <- ws]))))
