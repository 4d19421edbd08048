-- Data.IntMap and IntSet with negative keys, merges and splits.
module Main (main) where

import qualified Data.IntMap.Strict as I
import qualified Data.IntSet as S

main :: IO ()
main = do
  let m = I.fromListWith (++) [((k * k) `mod` 101 - 50, [k]) | k <- [1 .. 400]]
  print (I.size m, fst <$> I.lookupMin m, fst <$> I.lookupMax m)
  print (sum (concat (I.elems m)), I.findWithDefault [] (-14) m)
  let (a, _, b) = I.splitLookup 0 m
  print (I.size a, I.size b, I.keys (I.filter ((> 8) . length) m))
  print (I.toList (I.unionWith (+) (I.fromList [(1, 1), (-1, 2)]) (I.fromList [(-1, 10), (9, 9)])))
  let s = S.fromList (map (`mod` 300) [n * n - n + 41 | n <- [-200 .. 200]])
  print (S.size s, S.member 41 s, take 10 (S.toList s), S.findMin s)
  print (S.size (S.union s (S.fromList [0 .. 50])), S.toList (S.filter (> 290) s))
  print (I.foldrWithKey (\k v acc -> k + length v + acc) 0 m)
