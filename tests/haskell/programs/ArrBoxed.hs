-- Boxed arrays, lazy in their elements: dynamic programming that refers to itself.
module Main (main) where

import Data.Array

main :: IO ()
main = do
  print (lcs "the quick brown fox jumps over" "a lazy dog quickly jumped over it")
  let a = listArray ((0, 0), (2, 3)) [1 ..] :: Array (Int, Int) Int
  print (a ! (1, 2), bounds a, sum (elems a))
  print (a // [((0, 0), 100), ((2, 3), 200)])
  print (accumArray (+) 0 ('a', 'f') [(c, 1) | c <- "abracadabra", c <= 'f'] :: Array Char Int)
  print (fmap (* 2) (ixmap (0, 3) (\i -> (i `mod` 3, i)) a))
  let fibs = listArray (0, 90) [if n < 2 then toInteger n else fibs ! (n - 1) + fibs ! (n - 2) | n <- [0 .. 90]] :: Array Int Integer
  print (fibs ! 90)

lcs :: String -> String -> String
lcs xs ys = reverse (snd (t ! (n, m)))
  where
    n = length xs
    m = length ys
    xa = listArray (1, n) xs
    ya = listArray (1, m) ys
    t = array ((0, 0), (n, m)) [((i, j), cell i j) | i <- [0 .. n], j <- [0 .. m]] :: Array (Int, Int) (Int, String)
    cell 0 _ = (0, "")
    cell _ 0 = (0, "")
    cell i j | xa ! i == ya ! j = let (k, s) = t ! (i - 1, j - 1) in (k + 1, xa ! i : s)
             | otherwise = let a = t ! (i - 1, j); b = t ! (i, j - 1) in if fst a >= fst b then a else b
