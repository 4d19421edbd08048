module Report (report) where

import Data.Shape

report :: [Shape] -> String
report ss = unlines (map line ss) ++ "total " ++ show (sum (map area ss)) ++ "\n"
  where line s = name s ++ " " ++ show (area s)
