-- hWaitForInput and hReady on an open stdin without input: False, after the time given and not
-- before. Catches a time-out in the wrong unit.
module Main (main) where

import GHC.Clock
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  getLine >>= putStrLn
  hReady stdin >>= print
  a <- getMonotonicTimeNSec
  hWaitForInput stdin 60 >>= print
  b <- getMonotonicTimeNSec
  let ms = (b - a) `div` 1000000
  putStrLn (if ms < 59 then "too early: " ++ show ms else if ms > 2000 then "too late" else "in time")
