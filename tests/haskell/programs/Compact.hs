-- Compact regions: data is copied into one, shared inside, survives collections; a function
-- cannot be compacted. Catches blocks of the RTS that are not laid out as it expects.
module Main (main) where

import Control.Exception
import qualified Data.Map as M
import GHC.Compact
import System.Mem

main :: IO ()
main = do
  let m = M.fromList [(n, replicate 5 n) | n <- [1 .. 2000 :: Int]]
  c <- compact m
  performMajorGC
  let m' = getCompact c
  print (M.size m', M.lookup 1234 m', sum (map sum (M.elems m')))
  c2 <- compactAdd c "added"
  putStrLn (getCompact c2)
  size <- compactSize c
  print (size > 100000)
  r <- try (compact (+ (1 :: Int)))
  putStrLn (either (\e -> "refused: " ++ show (e :: CompactionFailed)) (const "compacted") r)
  shared <- let xs = [1 .. 100 :: Int] in compactWithSharing (xs, xs)
  print (let (a, b) = getCompact shared in sum a + sum b)
