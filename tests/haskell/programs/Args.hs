-- getProgName is the base name, and getArgs gives the arguments unchanged: spaces, quotes, an empty one, UTF-8.
-- Catches a command line split at the wrong place.
module Main (main) where

import System.Environment

main :: IO ()
main = do
  getProgName >>= putStrLn
  args <- getArgs
  print (length args)
  mapM_ print args
  mapM_ putStrLn args
