-- Data.Map: insertions, look-ups and deletions, with a live heap that the old generation's
-- collector copies.
module Main (main) where

import Data.List (foldl')
import qualified Data.Map.Strict as M

keys :: Int -> [Int]
keys n = take n (iterate (\x -> (x * 16807) `mod` 2147483647) 1)

main :: IO ()
main = do
  let ks = keys 150000
      m = foldl' (\a k -> M.insertWith (+) (k `mod` 100000) 1 a) M.empty ks
      found = foldl' (\a k -> a + M.findWithDefault 0 (k `mod` 200000) m) 0 ks
      less = foldl' (\a k -> M.delete (k `mod` 50000) a) m ks
  print (M.size m, found :: Int)
  print (M.size less, M.foldlWithKey' (\a k v -> (a + k * v) `mod` 1000003) 0 less)
