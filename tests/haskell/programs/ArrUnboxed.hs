-- Unboxed arrays of bits, bytes and doubles made in ST: a sieve, a histogram, prefix sums.
module Main (main) where

import Control.Monad

import Data.Array.ST
import Data.Array.Unboxed
import Data.Word

main :: IO ()
main = do
  let ps = [i | (i, True) <- assocs (sieve 20000)]
  print (length ps, last ps, sum (take 100 ps))
  let h = accumArray (+) 0 (0, 9) [(p `mod` 10, 1) | p <- ps] :: UArray Int Int
  print h
  let b = listArray (0, 255) [fromIntegral (i * i) | i <- [0 .. 255 :: Int]] :: UArray Word8 Word8
  print (foldr (\i a -> b ! (fromIntegral i + b ! fromIntegral (a `mod` 256)) `seq` a + fromIntegral (b ! fromIntegral i)) 0 [0 .. 255 :: Int] :: Int)
  let d = listArray (1, 1000) (scanl1 (+) [0.5, 1 ..]) :: UArray Int Double
  print (d ! 1, d ! 1000, bounds d)

sieve :: Int -> UArray Int Bool
sieve n = runSTUArray $ do
  a <- newArray (2, n) True
  forM_ [2 .. n] $ \i -> do
    p <- readArray a i
    when (p && i * i <= n) $ forM_ [i * i, i * i + i .. n] $ \j -> writeArray a j False
  return a
