-- Data.Set: a small graph search and set algebra.
module Main (main) where

import qualified Data.Set as S

main :: IO ()
main = do
  print (S.size (reach S.empty [(0 :: Int, 0 :: Int)]))
  let a = S.fromList [n * 3 | n <- [1 .. 50 :: Int]]
      b = S.fromList [n * 5 | n <- [1 .. 50]]
  print (S.toList (S.intersection a b))
  print (S.size (S.union a b), S.size (a S.\\ b), S.isSubsetOf (S.fromList [15, 30]) a)
  print (S.lookupGE 16 a, S.elemAt 7 a, S.findIndex 30 a, S.partition even (S.map (`mod` 7) b))
  print (map S.toList (S.toList (S.powerSet (S.fromList "abc"))))
  where
    reach seen [] = seen
    reach seen (p@(x, y) : rest)
      | S.member p seen = reach seen rest
      | otherwise = reach (S.insert p seen) ([q | (dx, dy) <- [(1, 2), (2, 1), (-1, 2), (2, -1)], let q = (x + dx, y + dy), ok q] ++ rest)
    ok (x, y) = x >= 0 && y >= 0 && x < 25 && y < 25
