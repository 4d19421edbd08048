-- withArgs and withProgName hold inside their action only, also when it throws.
module Main (main) where

import Control.Exception
import System.Environment

main :: IO ()
main = do
  before <- getArgs
  withArgs ["a", "b c"] (getArgs >>= print)
  withProgName "other" (getProgName >>= putStrLn)
  r <- try (withArgs ["x"] (getArgs >>= print >> throwIO (userError "inside")))
  print (r :: Either IOException ())
  after <- getArgs
  print (before == after)
