-- Data.List and folds: sorts, groups, permutations, zips, transposition, scans, stability.
module Main (main) where

import Data.Foldable
import Data.List
import Data.Ord

main :: IO ()
main = do
  let xs = take 500 (iterate (\x -> (x * 421 + 17) `mod` 997) 3) :: [Int]
  print (take 10 (sort xs), take 10 (sortBy (comparing Down) xs), sort xs == sortOn id xs)
  print (map (\g -> (head g, length g)) (group (sort (map (`mod` 7) xs))))
  print (sortOn fst [(k `mod` 3, k) | k <- [1 .. 12 :: Int]])
  print (permutations [1, 2, 3 :: Int], take 4 (subsequences "abc"), transpose ["abc", "d", "ef"])
  print (nub [3, 1, 3, 2, 1 :: Int], [1, 2, 3, 4] \\ [2, 3 :: Int], union "abc" "bcd", intersect [1, 2, 3] [2, 3, 4 :: Int])
  print (partition even [1 .. 10 :: Int], span (< 3) [1 .. 5 :: Int], dropWhileEnd (== ' ') "ab  ", splitAt 2 "abcd")
  print (isPrefixOf "ab" "abc", stripPrefix "ab" "abc", isSubsequenceOf "ac" "abc", intercalate ", " ["a", "b"], zip3 [1 :: Int ..] "ab" [True, False])
  print (scanl (+) 0 [1 .. 5 :: Int], scanr1 max [3, 1, 2 :: Int], mapAccumL (\a x -> (a + x, a * x)) 0 [1 .. 5 :: Int], unfoldr (\n -> if n > 60 then Nothing else Just (n, n * 2)) (1 :: Int))
  print (insertBy (comparing negate) 3 [5, 4, 2, 1 :: Int], foldl' (flip (:)) [] "abc", maximumBy (comparing snd) (zip [0 :: Int ..] "hello"), tails "abc", zipWith3 (\a b c -> a + b * c) [1, 2] [3, 4] [5, 6 :: Int])
  for_ (lookup 3 (zip [1 :: Int ..] "abc")) print
