-- A live structure survives many collections of each kind unchanged. Catches a heap that moves
-- or frees what is in use.
module Main (main) where

import Control.Monad
import qualified Data.Map.Strict as M
import System.Mem

main :: IO ()
main = do
  let m0 = M.fromList [(n, show n) | n <- [1 .. 2000 :: Int]]
  m <- foldM step m0 [1 .. 12]
  print (M.size m, sum (map length (M.elems m)))
  print (M.lookup 77 m, M.lookup 2000 m)
  where
    step m n = do
      let m' = M.insert n (replicate n '*') (M.map id m)
      _ <- return $! sum (map length (M.elems m'))
      if even n then performMinorGC else performMajorGC
      return m'
