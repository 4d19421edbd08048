-- threadDelay never wakes early. Catches a clock that runs in the wrong unit.
module Main (main) where

import Control.Concurrent
import Control.Monad
import GHC.Clock

main :: IO ()
main = forM_ [1000, 20000, 100000] $ \us -> do
  start <- getMonotonicTimeNSec
  threadDelay us
  end <- getMonotonicTimeNSec
  let took = fromIntegral (end - start) `div` 1000 :: Int
  putStrLn (show us ++ ": " ++ if took < us then "early by " ++ show (us - took) else if took > us + 5000000 then "far too late" else "ok")
