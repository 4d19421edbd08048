{-# LANGUAGE FlexibleContexts #-}
-- A hash table in mutable unboxed arrays with a fixed random stream, and a check against
-- Data.Map. Catches unboxed arrays that are not zeroed or overlap.
module Main (main) where

import Control.Monad
import Control.Monad.ST
import Data.Array.ST
import qualified Data.Map.Strict as M

size :: Int
size = 4096

count :: [Int] -> [(Int, Int)]
count xs = runST $ do
  ks <- newArray (0, size - 1) (-1) :: ST s (STUArray s Int Int)
  vs <- newArray (0, size - 1) 0 :: ST s (STUArray s Int Int)
  let slot k i = do
        k' <- readArray ks i
        if k' == k || k' == -1 then return i else slot k ((i + 1) `mod` size)
  forM_ xs $ \k -> do
    i <- slot k ((k * 2654435761) `mod` size)
    writeArray ks i k
    readArray vs i >>= writeArray vs i . (+ 1)
  pairs <- zip <$> getElems ks <*> getElems vs
  return [p | p@(k, _) <- pairs, k >= 0]

main :: IO ()
main = do
  let xs = map (`mod` 1500) (take 15000 (iterate (\x -> (x * 1103515245 + 12345) `mod` 2147483648) 99))
      a = M.fromList (count xs)
      b = M.fromListWith (+) [(x, 1) | x <- xs]
  print (a == b, M.size a, maximum (M.elems a), sum (M.elems a))
