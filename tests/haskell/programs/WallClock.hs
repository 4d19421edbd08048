-- getCurrentTime is after 2020, before 2100, and does not go back. Catches a wall clock in the
-- wrong unit or epoch.
module Main (main) where

import Control.Concurrent
import Control.Monad
import Data.Time

main :: IO ()
main = do
  ts <- replicateM 200 getCurrentTime
  let (y, _, _) = toGregorian (utctDay (head ts))
  print (y >= 2020 && y < 2100)
  print (and (zipWith (<=) ts (tail ts)))
  a <- getCurrentTime
  threadDelay 50000
  b <- getCurrentTime
  let d = diffUTCTime b a
  print (d >= 0.049 && d < 5)
