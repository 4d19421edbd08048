-- Mutable unboxed arrays in tight loops: a sieve and matrix products in floating point.
module Main (main) where

import Control.Monad
import Data.Array.ST
import Data.Array.Unboxed

sieve :: Int -> UArray Int Bool
sieve n = runSTUArray $ do
  a <- newArray (2, n) True
  forM_ [2 .. n] $ \i -> do
    p <- readArray a i
    when (p && i * i <= n) $ forM_ [i * i, i * i + i .. n] $ \j -> writeArray a j False
  return a

type Matrix = UArray (Int, Int) Double

multiply :: Int -> Matrix -> Matrix -> Matrix
multiply n a b = listArray ((0, 0), (n - 1, n - 1)) [dot i j | i <- [0 .. n - 1], j <- [0 .. n - 1]]
  where
    dot i j = go 0 0
      where
        go :: Int -> Double -> Double
        go k acc | k == n = acc
                 | otherwise = go (k + 1) (acc + a ! (i, k) * b ! (k, j))

main :: IO ()
main = do
  print (length (filter id (elems (sieve 3000000))))
  let n = 150
      m = listArray ((0, 0), (n - 1, n - 1)) [fromIntegral ((i * 7 + 3) `mod` 11) / 11 | i <- [0 .. n * n - 1]] :: Matrix
      p = iterate (amap (/ 70) . multiply n m) m !! 8
  print (round (1000 * sum (elems p)) :: Int)
