{-# LANGUAGE FlexibleContexts #-}
-- ST: references and boxed mutable arrays, a heap sort and a union-find. Catches write barriers
-- that lose old-to-young pointers.
module Main (main) where

import Control.Monad
import Control.Monad.ST
import Data.Array.ST
import Data.Array
import Data.STRef

main :: IO ()
main = do
  let xs = take 400 (iterate (\x -> (x * 7919 + 13) `mod` 10007) 5) :: [Int]
  let ys = elems (bubble xs)
  print (take 12 ys, and (zipWith (<=) ys (tail ys)))
  print (components 100 [(a, (a * a + 3) `mod` 100) | a <- [0 .. 99]])
  print (runST (do { r <- newSTRef (0 :: Integer); forM_ [1 .. 1000] (\i -> modifySTRef' r (+ i)); readSTRef r }))

bubble :: [Int] -> Array Int Int
bubble xs = runSTArray $ do
  let n = length xs
  a <- newListArray (0, n - 1) xs
  forM_ [1 .. n - 1] $ \i -> do
    x <- readArray a i
    let shift' j | j < 0 = return j
                 | otherwise = do
                     y <- readArray a j
                     if y > x then writeArray a (j + 1) y >> shift' (j - 1) else return j
    j <- shift' (i - 1)
    writeArray a (j + 1) x
  return a

components :: Int -> [(Int, Int)] -> Int
components n es = runST $ do
  parent <- newListArray (0, n - 1) [0 ..] :: ST s (STArray s Int Int)
  count <- newSTRef n
  let find i = readArray parent i >>= \p -> if p == i then return i else find p >>= \r -> writeArray parent i r >> return r
  forM_ es $ \(a, b) -> do
    x <- find a
    y <- find b
    when (x /= y) (writeArray parent x y >> modifySTRef' count (subtract 1))
  readSTRef count
