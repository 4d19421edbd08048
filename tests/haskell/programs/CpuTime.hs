-- getCPUTime grows with work and not with sleep... on a busy machine only "never goes back" and
-- "grows at last" can be promised. Catches a clock that stands still.
module Main (main) where

import Control.Monad
import System.CPUTime

main :: IO ()
main = do
  ts <- replicateM 100 getCPUTime
  print (and (zipWith (<=) ts (tail ts)), all (>= 0) ts)
  a <- getCPUTime
  grown <- work a (0 :: Integer)
  print grown
  print (cpuTimePrecision > 0)
  where
    work a n = do
      b <- getCPUTime
      if b > a then return True else if n > 1000000 then return False else work a (n + 1)
