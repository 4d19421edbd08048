-- With -T the RTS counts collections and bytes, and GHC.Stats shows them. Catches clocks and
-- counters that the RTS layer leaves at nought.
module Main (main) where

import Control.Monad
import GHC.Stats
import System.Mem

main :: IO ()
main = do
  getRTSStatsEnabled >>= print
  a <- getRTSStats
  print (sum [1 .. 200000 :: Integer])
  replicateM_ 3 performMajorGC
  b <- getRTSStats
  print (major_gcs b - major_gcs a >= 3, gcs b >= major_gcs b)
  print (allocated_bytes b > allocated_bytes a, max_mem_in_use_bytes b > 0, gcdetails_gen (gc b))
  print (elapsed_ns b >= elapsed_ns a, cpu_ns b >= cpu_ns a, gc_elapsed_ns b >= 0)
