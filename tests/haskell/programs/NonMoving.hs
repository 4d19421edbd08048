-- The other collectors: with --nonmoving-gc a program that changes its live data runs on.
-- Catches a collector that wants a thread of the system.
module Main (main) where

import Control.Monad
import Data.IORef
import qualified Data.IntMap.Strict as I
import System.Mem

main :: IO ()
main = do
  r <- newIORef I.empty
  forM_ [1 .. 20000 :: Int] $ \n -> modifyIORef' r (I.insert (n `mod` 1000) (show n))
  performMajorGC
  m <- readIORef r
  print (I.size m, I.lookup 7 m)
