-- Data.Map: build, look up, merge, split, folds; checked against a list. Catches a compiler
-- or collector that breaks balanced trees.
module Main (main) where

import qualified Data.Map.Strict as M

main :: IO ()
main = do
  let keys = take 3000 (iterate (\x -> (x * 16807) `mod` 2147483647) 12345) :: [Int]
      m = M.fromListWith (+) [(k `mod` 1009, 1 :: Int) | k <- keys]
  print (M.size m, sum (M.elems m), M.lookupMin m, M.lookupMax m)
  print (M.valid m, take 5 (M.toDescList m))
  let (lo, mid, hi) = M.splitLookup 500 m
  print (M.size lo, mid, M.size hi)
  print (M.size (M.filter (> 3) m), M.foldlWithKey' (\a k v -> a + k * v) 0 m)
  let n = M.fromList (zip [0, 7 ..] (replicate 200 100))
  print (M.size (M.unionWith (+) m n), M.size (M.intersection m n), M.size (m M.\\ n))
  print (M.alter (fmap (* 2)) 5 (M.fromList [(5, 1), (6, 2)]) :: M.Map Int Int)
  print (M.foldr (:) [] (M.mapKeysWith (+) (`div` 250) m))
  print (M.lookupLE 300 n, M.lookupGT 300 n, M.elemAt 3 n, M.partition even (M.fromList (zip "abcd" [1 :: Int ..])))
