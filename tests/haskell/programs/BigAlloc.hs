-- Objects larger than a megablock (1 MiB), several at once, freed and allocated again. Catches
-- a block allocator that cannot give contiguous memory or does not give it back.
module Main (main) where

import Control.Monad
import Data.Array.IO
import Data.Array.Unboxed
import qualified Data.ByteString as B
import System.Mem

main :: IO ()
main = do
  forM_ [1 .. 6 :: Int] $ \k -> do
    let n = 200000 * k
    a <- newArray (0, n - 1) k :: IO (IOUArray Int Int)
    writeArray a (n - 1) 99
    x <- readArray a 0
    y <- readArray a (n - 1)
    print (n, x, y)
    performGC
  let b = B.replicate 3000000 7
  print (B.length b, B.last b, B.foldl' (\s w -> s + fromIntegral w) (0 :: Int) b)
  let u = listArray (0, 299999) [0 ..] :: UArray Int Int
  print (u ! 299999, bounds u)
  let bs = [B.replicate (1048576 + d) (fromIntegral d) | d <- [-64, -16, 0, 16, 64]]
  print (map B.length bs, map (fromIntegral . B.last) bs :: [Int])
