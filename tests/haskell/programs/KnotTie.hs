-- Values defined through themselves: primes, repmin, a doubly linked ring, infinite streams.
-- Catches update frames that are lost.
module Main (main) where

import Data.Function

data Tree = Leaf Int | Node Tree Tree deriving Show
data Ring = Ring { val :: Int, next, prev :: Ring }

repMin :: Tree -> Tree
repMin t = t' where
  (t', m) = go t
  go (Leaf n) = (Leaf m, n)
  go (Node a b) = let (a', x) = go a; (b', y) = go b in (Node a' b', min x y)

ring :: [Int] -> Ring
ring xs = first where
  (first, lst) = build lst xs first
  build _ [] _ = error "empty"
  build p [y] n = let r = Ring y n p in (r, r)
  build p (y : ys) n = let r = Ring y r2 p; (r2, l) = build r ys n in (r, l)

main :: IO ()
main = do
  let fibs = 0 : 1 : zipWith (+) fibs (tail fibs) :: [Integer]
      primes = 2 : filter (\n -> all ((/= 0) . mod n) (takeWhile (\p -> p * p <= n) primes)) [3, 5 ..] :: [Int]
      hamming = 1 : merge (map (* 2) hamming) (merge (map (* 3) hamming) (map (* 5) hamming)) :: [Integer]
      merge (x : xs) (y : ys) = case compare x y of { LT -> x : merge xs (y : ys); GT -> y : merge (x : xs) ys; EQ -> x : merge xs ys }
      merge xs ys = xs ++ ys
  print (fibs !! 200)
  print (take 20 primes, primes !! 500)
  print (take 20 hamming, hamming !! 500)
  print (repMin (Node (Node (Leaf 5) (Leaf 3)) (Node (Leaf 9) (Leaf 4))))
  let r = ring [1 .. 5]
  print (map val (take 8 (iterate next r)), map val (take 8 (iterate prev r)))
  print (fix (\rec n -> if n < 2 then 1 else n * rec (n - 1)) (25 :: Integer))
