-- Options given at link time (-A, -G, -c...) are seen by GHC.RTS.Flags and a program runs under
-- them. Catches an RTS that is started without its options.
module Main (main) where

import GHC.RTS.Flags
import qualified Data.Map as M
import System.Mem

main :: IO ()
main = do
  g <- getGCFlags
  print (minAllocAreaSize g, generations g, compact g)
  let m = M.fromList [(n, show n) | n <- [1 .. 5000 :: Int]]
  print (M.size m, sum (map length (M.elems m)))
  performMajorGC
  print (M.lookup 4321 m)
