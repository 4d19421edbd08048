{-# LANGUAGE FlexibleContexts #-}
-- IOUArray and IOArray: a game of life, freeze and thaw, getElems. Catches unboxed writes out of place.
module Main (main) where

import Control.Monad
import Data.Array.IO
import Data.Array.Unboxed

side :: Int
side = 16

main :: IO ()
main = do
  g <- newArray ((0, 0), (side - 1, side - 1)) False :: IO (IOUArray (Int, Int) Bool)
  forM_ [(0, 1), (1, 2), (2, 0), (2, 1), (2, 2)] $ \p -> writeArray g p True
  replicateM_ 24 (step g)
  f <- freeze g :: IO (UArray (Int, Int) Bool)
  forM_ [0 .. side - 1] $ \r -> putStrLn [if f ! (r, c) then '#' else '.' | c <- [0 .. side - 1]]
  b <- newListArray (0, 3) ["a", "b", "c", "d"] :: IO (IOArray Int String)
  writeArray b 2 "changed"
  getElems b >>= print
  mapArray length b >>= getAssocs >>= print
  where
    step g = do
      old <- freeze g :: IO (UArray (Int, Int) Bool)
      forM_ (range (bounds old)) $ \(r, c) -> do
        let n = length [() | dr <- [-1, 0, 1], dc <- [-1, 0, 1], (dr, dc) /= (0, 0), old ! ((r + dr) `mod` side, (c + dc) `mod` side)]
        writeArray g (r, c) (n == 3 || n == 2 && old ! (r, c))
